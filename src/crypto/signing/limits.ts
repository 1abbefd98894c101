/**
 * What a session may ask of the machine that looks at it. The largest that Django's own stores are known to hold are some
 * hundred kilobytes; a text of 400 kB can inflate to 300 MB.
 */

/** Characters of encoded text, and bytes of what it holds once inflated. */
export const maxLength = 4 * 1024 * 1024;
/** Lists and dictionaries within each other; Python's own reader gives up at about as many. */
export const maxDepth = 900;
/** Digits of one whole number: Python's own limit (sys.int_info.default_max_str_digits). */
export const maxDigits = 4300;
/** Steps of one pickle: each may make an object, which costs far more than the byte it is written with. */
export const maxPickleSteps = 1_000_000;
