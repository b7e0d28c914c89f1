import {functionName} from '@forgeone/wasm';
import {type Func, isOwn, layout, type Resource, type Scope, sequence, type Type} from '../model.ts';
import {File} from './file.ts';
import {flatten, unflattenAll} from './flat.ts';
import {flatParameters} from './imports.ts';
import {methodsOf} from './module.ts';
import {allocates, borrows} from './place.ts';
import type {Values} from './values.ts';

/** The file that the compiler starts from: one function for each that the component exports, under the name that it has there. */
export function component(values: Values): File {
	const {files} = values;
	const {world} = files;
	const file = new File('component');
	file.uses('Guest');
	for (const scope of world.exports) {
		for (const {label, type} of scope.declarations) if (isOwn(type, scope, label)) resource(scope, label, type, values, file);
		for (const func of scope.functions) exportFunction(func, scope, values, file);
	}
	for (const func of world.functions) exportFunction(func, world.root, values, file);
	file.plumbing.push("import './system';\nexport {cabi_realloc} from './wit';");
	return file;
}

/** What a function of the author's is called by, and which of the values are its arguments. */
function calleeOf(func: Func, scope: Scope, args: readonly string[], values: Values, file: File): string {
	const {files} = values;
	const {role, resource: label} = functionName(func.name);
	const guest = files.guest(scope, file);
	const names = files.authorNames(scope);
	if (role === 'function') return `${guest}${names.functions.get(func.name)}(${args.join(', ')})`;
	const type = guest + names.types.get(label);
	if (role === 'constructor') return func.result?.kind === 'own' ? `new ${type}(${args.join(', ')})` : `${type}.create(${args.join(', ')})`;
	const {name} = methodsOf(scope, label).find(method => method.func === func) as {name: string};
	return role === 'static' ? `${type}.${name}(${args.join(', ')})` : `${args[0]}.${name}(${args.slice(1).join(', ')})`;
}

/** Core parameters of an exported function, and statements that make its arguments of them: flat, or in one block of memory. */
function argumentsOf({params}: Func, values: Values, file: File): {cores: string[]; lines: string[]; args: string[]} {
	const types = params.map(({type}) => type);
	const {flat, offsets} = sequence(types);
	if (flat.length <= flatParameters) {
		const words = flat.map((_, i) => `p${i}`);
		const {before, values: args} = unflattenAll(types, words, 0, values, file);
		return {cores: flat.map((core, i) => `p${i}: ${core}`), lines: before, args};
	}
	const lift = (type: Type, i: number): string =>
		`const a${i} = ${values.lift(type, {base: 'p0', offset: offsets[i] as number, form: 'memory'}, file)};`;
	return {cores: ['p0: usize'], lines: [...types.map(lift), `${file.uses('cabi_release')}(p0, 1);`], args: types.map((_, i) => `a${i}`)};
}

/** The core result of an exported function, and statements that make it of what `callee` gives; `last` comes before it returns. */
function answerOf(
	result: Type | undefined,
	callee: string,
	last: readonly string[],
	values: Values,
	file: File,
): {core: string; lines: string[]} {
	if (result === undefined) return {core: 'void', lines: [`${callee};`, ...last]};
	const [core = '', ...more] = layout(result).flat;
	const call = `const result = ${callee};`;
	if (more.length === 0) {
		const {before, words} = flatten(result, 'result', 0, values, file);
		return {core, lines: [call, ...before, ...last, `return ${words[0]};`]};
	}
	const lowered = values.lower(result, 'result', values.area(result, file), file);
	return {core: 'usize', lines: [call, ...lowered, ...last, 'return cabi_area;']};
}

function exportFunction(func: Func, scope: Scope, values: Values, file: File): void {
	const canonical = scope.side === 'world' ? func.name : `${scope.id}#${func.name}`;
	const name = coreName(scope, func.name, values, file);
	const {cores, lines, args} = argumentsOf(func, values, file);
	const lent = func.params.some(({type}) => borrows(type)) ? [`${file.uses('cabi_return')}();`] : [];
	const answer = answerOf(func.result, calleeOf(func, scope, args, values, file), lent, values, file);
	file.body.push(exported(canonical, `${name}(${cores.join(', ')}): ${answer.core}`, [...lines, ...answer.lines]));
	const parameter = answer.core === 'void' ? '' : `p0: ${answer.core}`;
	const free = func.result !== undefined && allocates(func.result) ? [`${file.uses('cabi_free')}();`] : [];
	const after = [...free, `${file.uses('cabi_collect')}();`];
	file.body.push(exported(`cabi_post_${canonical}`, `${name}_post(${parameter}): void`, after, free.length === 0));
}

/** The name of a core export, as long as AssemblyScript has it: its interface and its own. */
const coreName = (scope: Scope, name: string, {files}: Values, file: File): string =>
	file.names.claim(`${files.of(scope).path.replace(/^exports\//, '')}_${name}`.replace(/[^0-9A-Za-z]+/g, '_'));

/** A core export under its canonical name; one that only collects is left out where the runtime collects by itself. */
function exported(canonical: string, head: string, lines: readonly string[], collects = false): string {
	const decorator = collects ? 'exportToCollect' : 'exportAs';
	return [`@${decorator}('${canonical}')`, `export function ${head} {`, ...lines.map(line => `	${line}`), '}'].join('\n');
}

/** What an exported resource needs: handles to objects and back, kept with the interface; its end, with the exports. */
function resource(scope: Scope, label: string, type: Resource, values: Values, file: File): void {
	const {files} = values;
	const of = files.of(scope);
	const name = files.authorNames(scope).types.get(label) as string;
	const guest = files.resource(type, of);
	const module = `[export]${scope.id}`;
	of.plumbing.push(
		`@external('${module}', '[resource-new]${label}')\ndeclare function new_${name}(p0: usize): i32;`,
		`@external('${module}', '[resource-rep]${label}')\ndeclare function rep_${name}(p0: i32): usize;`,
		`@external('${module}', '[resource-drop]${label}')\ndeclare function drop_${name}(p0: i32): void;`,
		[
			`/** Takes an object over: its handle ends, and it lives for as long as it is used here. */`,
			`export function lift_${name}(handle: i32): ${guest} {`,
			`	const object = changetype<${guest}>(rep_${name}(handle));`,
			'	object.cabi_taken = true;',
			`	drop_${name}(handle);`,
			'	object.cabi_taken = false;',
			'	return object;',
			'}',
		].join('\n'),
		[
			`/** Gives an object away: it lives until the handle is dropped. */`,
			`export function lower_${name}(object: ${guest}): i32 {`,
			'	object.cabi_hold();',
			`	return new_${name}(changetype<usize>(object));`,
			'}',
		].join('\n'),
	);
	const end = `${coreName(scope, `${label}_dtor`, values, file)}(p0: usize): void`;
	file.body.push(exported(`${scope.id}#[dtor]${label}`, end, [`changetype<${files.resource(type, file)}>(p0).cabi_release();`]));
}
