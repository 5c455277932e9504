// ai-sdk by each model name that it knows, with and without options; prints one JSON object: name → [text, segments, language, seconds].
import fs from "node:fs";
import { createOpenAI } from "@ai-sdk/openai";
import { experimental_transcribe as transcribe } from "ai";

const [, , recording, language] = process.argv;
const pisar = createOpenAI({ baseURL: `${process.env.PISAR_API_URL}/v1`, apiKey: process.env.PISAR_API_KEY });
const ask = async (model, openai) => {
  const options = { model: pisar.transcription(model), audio: fs.readFileSync(recording), ...(openai && { providerOptions: { openai } }) };
  const said = await transcribe(options);
  return [said.text, said.segments, said.language, said.durationInSeconds];
};

const found = {};
for (const model of ["whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"]) {
  found[`${model}, plain`] = await ask(model);
  found[`${model}, language`] = await ask(model, { language });
}
found.words = await ask("whisper-1", { timestampGranularities: ["word"] });
found.segments = await ask("whisper-1", { timestampGranularities: ["segment"] });
console.log(JSON.stringify(found));
