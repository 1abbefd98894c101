// A file of its own, so that a command line without options never loads yargs.
export { Parser } from 'yargs/helpers';
