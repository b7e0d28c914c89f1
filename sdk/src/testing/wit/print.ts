import {functionName} from '@forgeone/wasm';
import {type Declarations, escaped, isFunction, type Side, type Sides} from './declare.ts';

/** A declaration as a statement. */
const ended = (text: string): string => (/^(record|variant|enum|flags) /.test(text) ? text : `${text};`);

/** The lines of an interface; functions of a resource stand within it. */
function body(declarations: Declarations): string[] {
	const roles = [...declarations].map(([name, text]) => ({name, text, ...functionName(name)}));
	return roles.flatMap(({name, text, role}) => {
		if (role !== 'function') return [];
		const members = roles.filter(of => of.role !== 'function' && of.resource === name);
		return members.length === 0 ? [ended(text)] : [`${text} {`, ...members.map(of => `\t${of.text};`), '}'];
	});
}

const indented = (lines: readonly string[]): string[] => lines.map(line => `\t${line}`);
const block = (head: string, lines: readonly string[]): string[] => [`${head} {`, ...indented(lines), '}'];

/** The lines of one side in the world itself. */
function statements(verb: 'import' | 'export', side: Side): string[] {
	return [...side].flatMap(([name, declarations]) => {
		if (name.includes('/')) return [`${verb} ${name};`];
		if (name !== '') return block(`${verb} ${escaped(name)}: interface`, body(declarations));
		// A world has its types where it asks for them.
		const own = [...declarations.values()].filter(text => verb === 'import' || isFunction(text));
		return own.map(text => (isFunction(text) ? `${verb} ${text};` : ended(text)));
	});
}

/** The interfaces of packages, by package. What is asked for and given too stands there as it is given. */
function packages({imports, exports}: Sides): Map<string, Map<string, Declarations>> {
	const all = new Map<string, Map<string, Declarations>>();
	for (const [name, declarations] of [...imports, ...exports]) {
		const [, path, label = '', version = ''] = /^(.*)\/([^@]*)(@.*)?$/s.exec(name) ?? [];
		if (path === undefined) continue;
		const id = path + version;
		all.set(id, (all.get(id) ?? new Map()).set(label, declarations));
	}
	return all;
}

/** A world as WIT that stands by itself: with every package that it speaks of, as far as it speaks of it. */
export function printWorld(sides: Sides, name: string): string {
	const world = block(`world ${name}`, [...statements('import', sides.imports), ...statements('export', sides.exports)]);
	const others = [...packages(sides)].map(([id, interfaces]) =>
		block(
			`package ${id}`,
			[...interfaces].flatMap(([label, declarations]) => block(`interface ${escaped(label)}`, body(declarations))),
		),
	);
	return `${[[`package forgeone:${name};`], world, ...others].map(lines => lines.join('\n')).join('\n\n')}\n`;
}
