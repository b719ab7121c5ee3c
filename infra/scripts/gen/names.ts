/** First line of every generated file. */
export const HEADER = '// Written by `pnpm gen` from schemas/. Do not edit.\n';

/** `lms.course_completed` → `LmsCourseCompleted`. */
export function interfaceName(eventType: string): string {
  return eventType.replace(/(?:^|[._])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `answer-fits-scale` → `answerFitsScale`. */
export function camelCase(kebab: string): string {
  return kebab.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Text as a literal in single quotes. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
