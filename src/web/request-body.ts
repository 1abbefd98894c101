import type { IncomingMessage } from 'node:http';
import { BadSignature } from '../crypto/signing/bad-signature.js';
import { parseJson } from '../crypto/signing/json.js';
import { RequestError } from './errors.js';

/** What a request has brought along: its bytes, or what a parser of the framework has made of them. */
export type RequestBody = Uint8Array | { readonly parsed: unknown };

/** Bytes that a body may have which nobody has read before. */
const longest = 65_536;
/** How much of a longer one is read, so that the answer arrives, before the connection is broken. */
const mostRead = 2 ** 20;

/**
 * What a body says: JSON, or the fields of a form, of which the last of one name counts; an empty object where there is none.
 *
 * @throws RequestError of status 400 for what cannot be read, and 415 for another type.
 */
export async function readBody(body: RequestBody, contentType = ''): Promise<unknown> {
  if (!(body instanceof Uint8Array)) return body.parsed === undefined ? {} : body.parsed;
  if (body.length === 0) return {};
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return jsonOf(body);
  if (type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data') {
    return formOf(body, contentType);
  }
  throw new RequestError(415, `Unsupported media type "${contentType}" in request.`, {
    code: 'unsupported_media_type',
  });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof BadSignature || error instanceof TypeError)) throw error;
    // What the parser says would show a part of it.
    throw new RequestError(400, 'JSON parse error - The body is not valid JSON.', { code: 'parse_error' });
  }
}

async function formOf(bytes: Uint8Array, contentType: string): Promise<unknown> {
  try {
    const form = await new Response(bytes.slice(), { headers: { 'Content-Type': contentType } }).formData();
    return Object.fromEntries(form);
  } catch {
    throw new RequestError(400, 'Multipart form parse error - The body is not a valid form.', { code: 'parse_error' });
  }
}

/** Reads a body as it comes. @throws RequestError of status 413 for one that is too long, and 400 for one that breaks off. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // To the end: who is answered before everything is sent may find the connection broken instead of the answer.
  try {
    for await (const chunk of stream) {
      length += chunk.length;
      if (length <= longest) chunks.push(chunk);
      else if (length > mostRead) break;
    }
  } catch (cause) {
    throw new RequestError(400, 'The body breaks off.', { code: 'body_aborted', cause });
  }
  if (length > longest) throw new RequestError(413, 'The body is too long.', { code: 'body_too_long' });
  return Buffer.concat(chunks);
}

/** The body of a request of `node:http`, which a parser may have read before. */
export async function nodeBody(request: IncomingMessage): Promise<RequestBody> {
  const parsed: unknown = 'body' in request ? request.body : undefined;
  return parsed === undefined && !request.readableEnded ? bytesOf(request) : { parsed };
}
