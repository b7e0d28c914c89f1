import {once} from 'node:events';
import {createInterface} from 'node:readline/promises';
import {errors} from './errors.ts';

/** What may be chosen: a name, and what it is. */
export interface Choice {
	readonly name: string;
	readonly description: string;
}

/**
 * Has one of several chosen on the terminal; an empty answer is the first. What is answered is not checked. Throws FORGE_USAGE, which says how `command`
 * is told without being asked, where standard input is no terminal or ends.
 */
export async function ask(what: string, choices: readonly Choice[], command: string): Promise<string> {
	const names = choices.map(({name}) => name);
	const unsaid = errors.FORGE_USAGE({reason: `no ${what} is named, add --${what} with one of ${names.join(', ')}`, command});
	if (!process.stdin.isTTY) throw unsaid;
	const width = Math.max(...names.map(({length}) => length));
	for (const {name, description} of choices) console.error(`  ${name.padEnd(width)}  ${description}`);
	const lines = createInterface({input: process.stdin, output: process.stderr});
	try {
		const closed = once(lines, 'close').then(() => undefined);
		const answer = await Promise.race([lines.question(`${what} [${names[0]}]: `).catch(() => undefined), closed]);
		if (answer === undefined) throw unsaid;
		return answer.trim() || (names[0] ?? '');
	} finally {
		lines.close();
	}
}
