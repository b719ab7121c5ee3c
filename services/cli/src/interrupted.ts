/** The user pressed Ctrl-C. What was in hand is finished; the message says how to go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
