// The part of YAML that our compose file is written in: block mappings and sequences, flow sequences of quoted strings, anchors, merges,
// plain and double-quoted scalars, which all stay strings. What is outside of that throws with its line, so that nothing is read otherwise than
// a real reader would. Must never guess.

export type Yaml = string | Yaml[] | { [key: string]: Yaml };

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

/** Reads a document whose root is a mapping. */
export function parseSimpleYaml(text: string): { [key: string]: Yaml } {
  const lines: Line[] = text.split("\n").flatMap((raw, index) => {
    if (raw.includes("\t")) throw wrong(index + 1, "a tab");
    const content = raw.trimStart();
    if (content === "" || content.startsWith("#")) return [];
    return [{ number: index + 1, indent: raw.length - content.length, text: content.trimEnd() }];
  });
  const anchors = new Map<string, Yaml>();
  let at = 0;

  function block(indent: number): Yaml {
    return lines[at]?.text.startsWith("- ") ? sequence(indent) : mapping(indent);
  }

  function sequence(indent: number): Yaml[] {
    const items: Yaml[] = [];
    for (let line = lines[at]; line?.indent === indent; line = lines[at]) {
      if (!line.text.startsWith("- ")) throw wrong(line.number, "a key among items");
      items.push(scalar(line.text.slice(2).trim(), line.number));
      at += 1;
    }
    return items;
  }

  function mapping(indent: number): { [key: string]: Yaml } {
    const map: { [key: string]: Yaml } = {};
    let merged: { [key: string]: Yaml } = {};
    for (let line = lines[at]; line?.indent === indent; line = lines[at]) {
      const [, key = "", rest = ""] = /^([A-Za-z_<][\w<.-]*):(?: +(.*))?$/.exec(line.text) ?? [];
      if (key === "" || key in map) throw wrong(line.number, `no key, or one that was there: ${line.text}`);
      at += 1;
      const [, anchor, value = ""] = /^(?:&(\w+))? *(.*)$/.exec(rest) ?? [];
      const next = lines[at];
      const read =
        value !== ""
          ? scalar(value, line.number)
          : next !== undefined && next.indent > indent
            ? block(next.indent)
            : {};
      if (anchor !== undefined) anchors.set(anchor, read);
      if (key === "<<") merged = read as { [key: string]: Yaml };
      else map[key] = read;
    }
    const deeper = lines[at];
    if (deeper !== undefined && deeper.indent > indent) throw wrong(deeper.number, "an indent that nothing opens");
    return { ...merged, ...map };
  }

  function scalar(word: string, number: number): Yaml {
    if (word.startsWith("*")) {
      const known = anchors.get(word.slice(1));
      if (known === undefined) throw wrong(number, `no anchor ${word}`);
      return known;
    }
    // A flow sequence of double-quoted strings is JSON.
    if (word.startsWith("[") || word.startsWith('"')) return JSON.parse(word) as Yaml;
    if (/^['{&!|>%@`]/.test(word) || word.includes(": ") || word.includes(" #") || word.endsWith(":"))
      throw wrong(number, `something this does not read: ${word}`);
    return word;
  }

  const root = mapping(0);
  if (at < lines.length) throw wrong(lines[at]?.number ?? 0, "something behind the end");
  return root;
}

function wrong(line: number, what: string): Error {
  return new Error(`line ${line}: ${what}`);
}
