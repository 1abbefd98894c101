import { asSentence } from '../../text.js';
import { constraintFailed } from './error-text.js';
import type { Explained } from './explain.js';

/** Where a server is, in the words for a person: no password. */
export interface ServerPlace {
  readonly database: string;
  /** `localhost:5432`, or where its socket is. */
  readonly server: string;
  readonly user: string;
}

export interface ServerFailure extends ServerPlace {
  /** What the server or the system said, without the statement that Knex puts before it. */
  readonly said: string;
}

export type Explanation<Failure extends ServerFailure = ServerFailure> = (failure: Failure) => Explained;

export const checkUrl = 'Check the database URL in the settings';

/** What is said of a server by the kind that it is of. */
export interface ServerNames {
  /** `PostgreSQL`. */
  readonly product: string;
  /** `PostgreSQL server`, where a server of that product is sure to be meant; else `server`. */
  readonly server: string;
  /** `a PostgreSQL server`. */
  readonly kind: string;
}

/** Failures on the way to a server, which are the same for all of them. */
export interface NetworkErrors {
  readonly noAnswer: Explanation;
  readonly lost: Explanation;
  /** Instead of `lost`, of a connection that is being made. */
  readonly hungUp: Explanation;
  /** By Node's code of an error of the network. */
  readonly byCode: Readonly<Record<string, Explanation>>;
}

export function networkErrors({ product, server: called, kind }: ServerNames): NetworkErrors {
  const noServer: Explanation = ({ server }) => [
    'database_unreachable',
    `No ${product} server answers at ${server}.`,
    `Start it. ${checkUrl}.`,
  ];
  const noHost: Explanation = ({ server }) => [
    'database_unreachable',
    `The host of ${server} is not known.`,
    `${checkUrl}, and the network.`,
  ];
  const noAnswer: Explanation = ({ server }) => [
    'database_unreachable',
    `The ${called} at ${server} does not answer.`,
    `${checkUrl}, and the network.`,
  ];
  const lost: Explanation = ({ server }) => [
    'connection_lost',
    `The connection to the ${called} at ${server} was lost.`,
    'What was not committed is not in the database. Try again.',
  ];
  const hungUp: Explanation = ({ server }) => [
    'database_unreachable',
    `The server at ${server} ends the connection before it answers as ${product}.`,
    `${checkUrl}, and whether that is ${kind}.`,
  ];
  const byCode = {
    ECONNREFUSED: noServer,
    ENOENT: noServer,
    ENOTFOUND: noHost,
    EAI_AGAIN: noHost,
    ETIMEDOUT: noAnswer,
    EHOSTUNREACH: noAnswer,
    ENETUNREACH: noAnswer,
    ECONNRESET: lost,
    EPIPE: lost,
  };
  return { noAnswer, lost, hungUp, byCode };
}

/** `hint` is one of the {@link refusals}. */
export const refused =
  (hint: string): Explanation<ServerFailure & { readonly table?: string }> =>
  ({ database, table, said }) => [
    constraintFailed,
    `The database '${database}' refuses ${table === undefined ? 'this' : `a row of '${table}'`}: ${asSentence(said)}`,
    hint,
  ];
