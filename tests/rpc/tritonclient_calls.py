"""The calls a user of Triton's reference client makes, against the server of tritonclient_test.cpp."""

import sys

import numpy as np
import tritonclient.grpc as triton

client = triton.InferenceServerClient(sys.argv[1])
assert client.is_server_live()
assert client.is_server_ready()
assert client.is_model_ready("echo")
assert client.get_server_metadata().name == "fake"
metadata = client.get_model_metadata("echo")
assert list(metadata.inputs[0].shape) == [-1, 3] and metadata.inputs[0].datatype == "FP32"

sent = np.arange(6, dtype=np.float32).reshape(2, 3)
tensor = triton.InferInput("x", list(sent.shape), "FP32")
tensor.set_data_from_numpy(sent)
answer = client.infer("echo", [tensor], outputs=[triton.InferRequestedOutput("x")], request_id="9", client_timeout=5)
assert np.array_equal(answer.as_numpy("x"), sent)
assert answer.get_response().id == "9"

try:
    client.infer("gone", [tensor])
except triton.InferenceServerException as error:
    assert "NOT_FOUND" in error.status(), error.status()
else:
    raise AssertionError("a model that is not there must be refused")
print("ok")
