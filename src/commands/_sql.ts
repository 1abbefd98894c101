/** Apps whose SQL is printed. */
export const appLabels = {
  app: { variadic: true, required: true, describe: 'An app or a model: auth, auth.User.' },
} as const;
