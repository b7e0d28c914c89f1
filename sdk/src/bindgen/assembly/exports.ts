import {functionName} from '@forgeone/wasm';
import {type Func, type Home, layout, type Resource, type Scope, sequence} from '../model.ts';
import {flatten, unflattenAll} from './flat.ts';
import {flatParameters} from './imports.ts';
import {File, methodsOf} from './module.ts';
import {allocates, borrows} from './place.ts';
import type {Values} from './values.ts';

/** The file that the compiler starts from: one function for each that the component exports, under the name that it has there. */
export function component(values: Values): File {
	const {files} = values;
	const {world} = files;
	const file = new File('component');
	file.uses('Guest');
	for (const scope of world.exports) {
		for (const {label, type} of scope.declarations)
			if (type.kind === 'resource' && isOwn(type, scope, label)) resource(scope, label, type, values, file);
		for (const func of scope.functions) exportFunction(func, scope, values, file);
	}
	for (const func of world.functions) exportFunction(func, world.root, values, file);
	file.plumbing.push("import './system';\nexport {cabi_realloc} from './wit';");
	return file;
}

const isOwn = ({home}: Resource, scope: Scope, label: string): boolean => home?.scope === scope && home.label === label;

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

/** The arguments of an exported function, from its core parameters: flat, or in one block of memory. */
function argumentsOf(func: Func, values: Values, file: File): {params: string[]; before: string[]; args: string[]} {
	const types = func.params.map(({type}) => type);
	const {flat, offsets} = sequence(types);
	if (flat.length <= flatParameters) {
		const words = flat.map((_, i) => `p${i}`);
		const {before, values: args} = unflattenAll(types, words, 0, values, file);
		return {params: flat.map((core, i) => `p${i}: ${core}`), before, args};
	}
	const args = types.map((type, i) => values.lift(type, {base: 'p0', offset: offsets[i] as number, form: 'memory'}, file));
	return {params: ['p0: usize'], before: [], args};
}

function exportFunction(func: Func, scope: Scope, values: Values, file: File): void {
	const {files} = values;
	const canonical = scope.side === 'world' ? func.name : `${scope.id}#${func.name}`;
	const name = file.names.claim(`${files.of(scope).path.replace(/^exports\//, '')}_${func.name}`.replace(/[^0-9A-Za-z]+/g, '_'));
	const {params, before, args} = argumentsOf(func, values, file);
	const inMemory = params.length === 1 && sequence(func.params.map(({type}) => type)).flat.length > flatParameters;
	const named = inMemory ? args.map((_, i) => `a${i}`) : args;
	const lines = [
		...before,
		...(inMemory ? [...args.map((arg, i) => `const a${i} = ${arg};`), `${file.uses('cabi_release')}(p0, 1);`] : []),
	];
	const callee = calleeOf(func, scope, named, values, file);
	const lends = func.params.some(({type}) => borrows(type)) ? [`${file.uses('cabi_return')}();`] : [];
	const {result} = func;
	const core = result === undefined ? [] : layout(result).flat;
	let text = 'void';
	if (result === undefined) lines.push(`${callee};`, ...lends);
	else if (core.length === 1) {
		lines.push(`const result = ${callee};`);
		const {before: lowering, words} = flatten(result, 'result', 0, values, file);
		lines.push(...lowering, ...lends, `return ${words[0]};`);
		text = core[0] as string;
	} else {
		file.uses('cabi_area');
		files.runtime.area = Math.max(files.runtime.area, layout(result).size);
		lines.push(
			`const result = ${callee};`,
			...values.lower(result, 'result', {base: 'cabi_area', offset: 0, form: 'memory'}, file),
			...lends,
			'return cabi_area;',
		);
		text = 'usize';
	}
	file.body.push(exported(canonical, `${name}(${params.join(', ')}): ${text}`, lines));
	const parameter = core.length === 0 ? '' : `p0: ${text}`;
	const free = result !== undefined && allocates(result) ? [`${file.uses('cabi_free')}();`] : [];
	file.body.push(
		exported(`cabi_post_${canonical}`, `${name}_post(${parameter}): void`, [...free, `${file.uses('cabi_collect')}();`], free.length === 0),
	);
}

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
	const home: Home = {scope, label};
	file.body.push(
		exported(
			`${scope.id}#[dtor]${label}`,
			`${file.names.claim(`${of.path.replace(/^exports\//, '')}_${home.label}_dtor`.replace(/[^0-9A-Za-z]+/g, '_'))}(p0: usize): void`,
			[`changetype<${files.resource(type, file)}>(p0).cabi_release();`],
		),
	);
}
