import type { Prompter } from '../../src/command.js';
import { OperationCancelled } from '../../src/errors.js';

/** An answer that is no text: Ctrl-C or end of input. */
export const Cancel = Symbol('cancel');
export type Cancel = typeof Cancel;

/** Questions in the order in which they are expected, each with what is answered. */
export type Answers = readonly (readonly [question: string | RegExp, answer: string | Cancel])[];

/** A terminal that answers from a script. `finish` fails where questions were expected and never asked. */
export function scriptedTerminal(answers: Answers): Prompter & {
  readonly asked: { readonly question: string; readonly secret: boolean }[];
  readonly unexpected: string[];
  finish(): void;
} {
  const asked: { question: string; secret: boolean }[] = [];
  const unexpected: string[] = [];
  const reply = async (question: string, secret: boolean): Promise<string> => {
    const expected = answers[asked.length];
    asked.push({ question, secret });
    const [wanted, answer] = expected ?? [];
    const matches = typeof wanted === 'string' ? question.includes(wanted) : wanted?.test(question);
    if (answer === undefined || !matches) {
      unexpected.push(
        `asked ${JSON.stringify(question)}, expected ${wanted === undefined ? 'nothing' : String(wanted)}`,
      );
      throw new OperationCancelled();
    }
    if (answer === Cancel) throw new OperationCancelled();
    return answer;
  };
  return {
    interactive: true,
    asked,
    unexpected,
    ask: (question) => reply(question, false),
    askSecret: (question) => reply(question, true),
    finish() {
      if (unexpected.length > 0) throw new Error(`Unexpected question: ${unexpected.join('; ')}`);
      const left = answers.slice(asked.length).map(([question]) => String(question));
      if (left.length > 0) throw new Error(`Questions never asked: ${left.join('; ')}`);
    },
  };
}
