/** A partition of a topic, as offsets are told by it: `topic:partition`. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}

/** Reads what {@link placeOf} wrote. */
export function parsePlace(place: string): { readonly topic: string; readonly partition: number } {
  const at = place.lastIndexOf(':');
  return { topic: place.slice(0, at), partition: Number(place.slice(at + 1)) };
}
