"""litellm by each provider that takes a base URL, and in each format; prints one JSON object."""

import json
import os
import sys

import litellm
import openai

WHERE = {"api_base": os.environ["PISAR_API_URL"] + "/v1", "api_key": os.environ["PISAR_API_KEY"]}


def ask(model="openai/whisper-1", **options):
    with open(sys.argv[1], "rb") as audio:
        return litellm.transcription(model=model, file=audio, **WHERE, **options)


def refusal():
    try:
        ask(language="klingon")
    except openai.UnprocessableEntityError as error:  # litellm passes it on as it is
        return [error.status_code, str(error)]
    return None


print(
    json.dumps(
        {
            "json": ask().text,
            "text": ask(response_format="text").text,
            "srt": ask(response_format="srt").text,
            "vtt": ask(response_format="vtt").text,
            "language": ask(language="en", prompt="", temperature=0).text,
            "words": [word["word"] for word in ask(response_format="verbose_json", timestamp_granularities=["word"]).words],
            "hosted_vllm": ask("hosted_vllm/whisper-1").text,
            "litellm_proxy": ask("litellm_proxy/whisper-1").text,
            "refusal": refusal(),
        }
    )
)
