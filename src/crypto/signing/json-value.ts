/** What JSON of Python holds: whole numbers beyond 2^53 are `bigint`, and NaN and the infinities are numbers. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };
