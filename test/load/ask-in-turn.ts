/** An answer, how long it took, and to what. */
export interface Answered<Question, Answer> {
  readonly question: Question;
  readonly ms: number;
  readonly answer: Answer;
}

/** Ask questions in turn, over and over, with several clients at once. */
export async function askInTurn<Question, Answer>(
  questions: readonly Question[],
  { clients, requests }: { readonly clients: number; readonly requests: number },
  ask: (question: Question) => Promise<Answer>,
): Promise<readonly Answered<Question, Answer>[]> {
  const answers: Answered<Question, Answer>[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let index = next; index < requests; index = next) {
      next += 1;
      const question = questions[index % questions.length];
      if (question === undefined) throw new RangeError('there is no question');
      const askedAt = performance.now();
      const answer = await ask(question);
      answers.push({ question, ms: performance.now() - askedAt, answer });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answers;
}
