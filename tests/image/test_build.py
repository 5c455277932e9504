"""What the build refuses."""

from .images import Image, build

TAG = "localhost/pisar-transcriber-wrong"


def test_another_model_than_the_one_that_was_promised_makes_no_image(image: Image, base: str):
    output, _ = (process := build(TAG, base, "0" * 64)).communicate()
    assert process.returncode != 0
    assert "MODEL_SHA256 says 0000" in output
