import { type SourceFile, isTest } from './repository.ts';

/** The one file that asks the machine for the time. */
const CLOCK = 'packages/runtime/src/clock.ts';
const PRESENT = /\bDate\.now\(|\bnew Date\(\s*\)|\bDate\(\)/;

/** Files that ask for the present instead of being given it: a simulation could not choose it, a repetition would differ. */
export function findHiddenClocks(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => file.path !== CLOCK && !isTest(file) && PRESENT.test(withoutComments(file)))
    .map(({ path }) => path);
}

function withoutComments({ text }: SourceFile): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
