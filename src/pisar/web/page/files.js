// Which files a drop, a choice or a paste brings, and which of them are surely no recordings. Pure but for reading folders.

// What a name ends with where the browser knows no type.
const SOUND = /\.(aac|ac3|aif[cf]?|amr|ape|au|avi|caf|flac|flv|gsm|m2ts|m4[abrv]|mka|mkv|mov|mp[234]|mpe?g|mts|mxf|oga|ogg|ogv|opus|ra|rm|spx|tta|ts|voc|vob|w64|wav|webm|wma|wmv|wv|3g[ap2p]|3gpp?2?)$/i;
const NO_SOUND =
  /\.(7z|apk|bat|bin|bmp|c|conf|cpp|cs|css|csv|db|dll|docx?|dmg|epub|exe|gif|go|gz|h|heic|html?|ico|ini|iso|java|jpe?g|js|json|key|log|md|numbers|od[pst]|pages|pdf|php|png|pptx?|psd|py|rar|rtf|sh|sql|srt|svg|tar|tex|tiff?|toml|torrent|tsx?|txt|vtt|webp|xlsx?|xml|ya?ml|zip)$/i;

// Whether a file is surely no sound: a picture, a document, an empty file. The server decides about all others.
export function isDoubtful({ name, type = "", size }) {
  if (size === 0) return true;
  if (/^(audio|video)\//.test(type)) return false;
  if (SOUND.test(name)) return false;
  if (/^(image|text|font|model)\//.test(type)) return true;
  return NO_SOUND.test(name);
}

// Dot files and what systems lay beside people's own: nobody means these.
export const isHidden = (name) => name.startsWith(".") || /^(thumbs\.db|desktop\.ini|__macosx)$/i.test(name);

// At most 200 printable characters, as the API takes them; a folder's files carry its name.
export function nameFor(path) {
  const printable = path.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, "").replace(/\s+/g, " ").trim();
  const characters = [...printable];
  return characters.length <= 200 ? printable : `…${characters.slice(-199).join("")}`;
}

// Resolves to {files: [{file, name}], hidden}: a choice (`<input>`, with folders' paths) or a paste.
export function chosen(list) {
  const [files, hidden] = [[], { count: 0 }];
  for (const file of list) {
    const path = file.webkitRelativePath || file.name;
    if (path.split("/").some(isHidden)) hidden.count += 1;
    else files.push({ file, name: nameFor(path) });
  }
  return { files: inOrder(files), hidden: hidden.count };
}

// The same of a drop, folders walked through. The entries must be asked for before the event is over, hence not async at the top.
export function dropped(transfer) {
  const items = [...(transfer.items ?? [])].filter((each) => each.kind === "file");
  const entries = items.map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return Promise.resolve(chosen([...(transfer.files ?? [])]));
  return walked(entries);
}

export async function walked(entries) {
  const found = { files: [], hidden: 0 };
  const walk = async (entry, path) => {
    if (isHidden(entry.name)) {
      found.hidden += 1;
      return;
    }
    if (entry.isDirectory) {
      for (const each of await listed(entry)) await walk(each, `${path}${entry.name}/`);
      return;
    }
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null))); // null: not to be read
    if (file) found.files.push({ file, name: nameFor(`${path}${entry.name}`) });
  };
  for (const each of entries) await walk(each, "");
  return { ...found, files: inOrder(found.files) };
}

// A folder is read a hundred entries at a time, until it gives none.
async function listed(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return all;
    all.push(...some);
  }
}

const inOrder = (files) => files.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
