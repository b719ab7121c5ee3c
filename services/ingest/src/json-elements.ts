/**
 * The texts of the elements of a JSON array, as they were sent: re-encoding would lose digits of large numbers and
 * repeated fields, and those are often why an event is refused. `text` must be a valid JSON array.
 */
export function elementTexts(text: string): readonly string[] {
  const elements: string[] = [];
  let depth = 0;
  let from = text.indexOf('[') + 1;
  for (let index = from; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index);
    else if (character === '{' || character === '[') depth += 1;
    else if (depth > 0 && (character === '}' || character === ']')) depth -= 1;
    else if (depth === 0 && (character === ',' || character === ']')) {
      elements.push(text.slice(from, index).trim());
      from = index + 1;
    }
  }
  return elements.length === 1 && elements[0] === '' ? [] : elements;
}

/** Position of the quotation mark that ends the string that begins at `from`. */
function endOfString(text: string, from: number): number {
  let index = from + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}
