// Writes the page of all errors, and the type of their codes, from the tables in the sources; a test compares them.
import {globSync, readFileSync, writeFileSync} from 'node:fs';

const root = new URL('../../../', import.meta.url).pathname;
const row = /^\t(FORGE_\w+): \[\s*'(\w+)',\s*(['"`])(.*?)\3,\s*(['"`])(.*?)\5,?\s*\],?$/gms;
const statuses: Readonly<Record<string, number>> = {invalid: 400, refused: 403, missing: 404, conflict: 409, limit: 429, failed: 500};

/** The files that may hold code of ForgeOne's own. */
export const sources = globSync('{core,wasm,sdk,plugins/*}/src/**/*.ts', {cwd: root}).map(file => root + file);

/** Every row of every table: code, kind, message, remedy. */
export const table = sources
	.filter(file => file.endsWith('/errors.ts'))
	.flatMap(file => [...readFileSync(file, 'utf8').matchAll(row)])
	.map(([, code = '', kind = '', , message, , remedy]) => ({code, kind, message, remedy}))
	.sort((a, b) => (a.code < b.code ? -1 : 1));

/** The page, as it should be. */
export const page = `# Errors

What the command line prints and the API answers: the code, the status over HTTP, the message, and what to do. Words in braces stand for names and numbers.
Made from the tables in the sources.

${table.map(({code, kind, message, remedy}) => `- **${code}** ${statuses[kind]}: \`${message}\`; \`${remedy}\``).join('\n')}
`;

/** The same codes as a type, for programs that tell errors apart. */
export const codes = `/** The code of each error that ForgeOne throws. Made from the tables in the sources. */
export type ErrorCode =
${table.map(({code}) => `\t| '${code}'`).join('\n')};
`;

if (import.meta.main) {
	writeFileSync(new URL('../ERRORS.md', import.meta.url), page);
	writeFileSync(`${root}sdk/src/generated/error-codes.ts`, codes);
}
