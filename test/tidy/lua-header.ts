import { type SourceFile } from './repository.ts';

const HEADER = /^--\[\[ (?<purpose>[\s\S]*?)\]\]/;
const DOCUMENTED = /^ {2}(?<table>KEYS|ARGV)\[(?<index>\w[\w+]*)\] (?<name>\w+)/gm;
const USED = /\b(?<table>KEYS|ARGV)\[(?<index>\d+)\]/g;
/** A position that a loop starts at: `local firstHome = 7`. */
const START = /^local \w+ = (?<index>\d+)$/gm;
/** `local a, b = KEYS[1], tonumber(ARGV[2])` */
const NAMED = /^local (?<names>[\w, ]+) = (?<values>[^\n]*\b(?:KEYS|ARGV)\[\d+\][^\n]*)$/gm;

/** What is wrong with the header of a script: it must name every key and argument that the code uses, and no other. */
export function findHeaderProblems({ path, text }: SourceFile): readonly string[] {
  const header = HEADER.exec(text);
  if (header === null) return [`${path}: has no header`];
  const code = text.slice(header[0].length);
  const documented = new Map(
    [...header[0].matchAll(DOCUMENTED)].map(({ groups }) => [
      `${groups?.['table']}[${groups?.['index']}]`,
      groups?.['name'] ?? '',
    ]),
  );
  return [
    ...(/^ {2}Returns /m.test(header[0]) ? [] : ['does not say what it returns']),
    ...undocumented(code, documented),
    ...unused(code, documented),
    ...misnamed(code, documented),
  ].map((problem) => `${path}: ${problem}`);
}

type Documented = ReadonlyMap<string, string>;

function undocumented(code: string, documented: Documented): readonly string[] {
  return [...usedPlaces(code)]
    .filter((place) => !documented.has(place))
    .map((place) => `uses ${place}, which the header does not name`);
}

/** A repeated part (`ARGV[i]`) cannot be held against the code. */
function unused(code: string, documented: Documented): readonly string[] {
  const used = usedPlaces(code);
  const starts = new Set([...code.matchAll(START)].map(({ groups }) => groups?.['index']));
  return [...documented.keys()]
    .filter((place) => {
      const index = /\[(\d+)\]/.exec(place)?.[1];
      return index !== undefined && !used.has(place) && !starts.has(index);
    })
    .map((place) => `names ${place}, which the code does not use`);
}

/** The variable may say more than the header (`nextOffset` for `next`, a word of Lua), not something else. */
function misnamed(code: string, documented: Documented): readonly string[] {
  return [...code.matchAll(NAMED)].flatMap(({ groups }) => {
    const names = (groups?.['names'] ?? '').split(',').map((name) => name.trim());
    const places = [...(groups?.['values'] ?? '').matchAll(USED)].map(([place]) => place);
    if (names.length !== places.length) return [];
    return places.flatMap((place, index) => {
      const name = names[index] ?? '';
      const said = documented.get(place) ?? name;
      return name.startsWith(said) ? [] : [`calls ${place} ${name}, the header calls it ${said}`];
    });
  });
}

function usedPlaces(code: string): ReadonlySet<string> {
  return new Set([...code.matchAll(USED)].map(([place]) => place));
}
