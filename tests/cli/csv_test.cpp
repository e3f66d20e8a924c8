#include "csv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tandem::cli {
namespace {

TEST(Csv, WritesALineForTheNamesAndOneForEachRow) {
  Csv csv({"up_mbps", "plan"});
  csv.row({1.5, "device"});
  csv.row({2.0, "cloud"});
  EXPECT_EQ(csv.text(), "up_mbps,plan\r\n1.5,device\r\n2,cloud\r\n");
}

TEST(Csv, QuotesWhatASpreadsheetWouldTakeApart) {
  Csv csv({"a", "b", "c", "d"});
  csv.row({"1,2", "say \"x\"", "two\nlines", "plain text"});
  EXPECT_EQ(csv.text(), "a,b,c,d\r\n\"1,2\",\"say \"\"x\"\"\",\"two\nlines\",plain text\r\n");
}

TEST(Csv, NumbersAreReadBackTheSame) {
  for (const double number : {0.1, 1.0 / 3, 1e-300, 123456789.123456789, -0.0}) {
    Csv csv({"x"});
    csv.row({number});
    EXPECT_EQ(std::stod(csv.text().substr(3)), number);
  }
}

TEST(Csv, LeavesWhatIsNoNumberEmpty) {
  Csv csv({"x", "y"});
  csv.row({std::nan(""), std::numeric_limits<double>::infinity()});
  EXPECT_EQ(csv.text(), "x,y\r\n,\r\n");
}

}  // namespace
}  // namespace tandem::cli
