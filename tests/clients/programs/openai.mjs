// All that OpenAI's client for JavaScript asks of audio, and what it makes of refusals; prints one JSON object.
import { File } from "node:buffer";
import fs from "node:fs";

globalThis.File ??= File; // Node 18 has it there alone
const { default: OpenAI } = await import("openai");

const [, , recording] = process.argv;
const baseURL = `${process.env.PISAR_API_URL}/v1`;
const client = new OpenAI({ baseURL, apiKey: process.env.PISAR_API_KEY });
const ask = (options) => client.audio.transcriptions.create({ model: "whisper-1", file: fs.createReadStream(recording), ...options });
const refusal = async (promise) => {
  const error = await promise.then(() => null, (error) => error);
  return [error?.constructor.name, error?.status, error?.code, error?.param];
};

const deltas = [];
let done = null;
for await (const event of await ask({ stream: true })) {
  if (event.type === "transcript.text.delta") deltas.push(event.delta);
  if (event.type === "transcript.text.done") done = event.text;
}
const models = [];
for await (const model of client.models.list()) models.push(model.id);

console.log(
  JSON.stringify({
    json: await ask({}),
    text: await ask({ response_format: "text", language: "en-US", prompt: "" }),
    srt: await ask({ response_format: "srt" }),
    vtt: await ask({ response_format: "vtt" }),
    verbose: await ask({ response_format: "verbose_json", timestamp_granularities: ["word", "segment"], temperature: 0 }),
    streamed: [deltas.join(""), done],
    translated: (await client.audio.translations.create({ model: "whisper-1", file: fs.createReadStream(recording) })).text,
    models,
    wrongOption: await refusal(ask({ language: "klingon" })),
    wrongKey: await refusal(new OpenAI({ baseURL, apiKey: "wrong" }).models.list()),
  }),
);
