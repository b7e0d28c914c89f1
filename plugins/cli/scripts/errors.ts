// Writes the page of all errors from the tables in the sources; `table` is for the test that compares the two.
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

if (import.meta.main) writeFileSync(new URL('../ERRORS.md', import.meta.url), page);
