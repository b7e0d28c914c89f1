import {functionName} from '@forgeone/wasm';
import {type Core, type Field, type Func, isOwn, layout, type Scope, sequence, type Type} from '../model.ts';
import type {File} from './file.ts';
import {flattenAll, unflatten} from './flat.ts';
import {methodsOf} from './module.ts';
import {comment, parameterNames} from './names.ts';
import {allocates} from './place.ts';
import type {Values} from './values.ts';

/** More core values than these travel in memory. */
export const flatParameters = 16;

/** A call of the outside: statements that prepare it, the call itself, and what follows. */
interface Call {
	readonly before: string[];
	readonly call: string;
	readonly after: string[];
	/** The core parameters and result of what is called. */
	readonly params: readonly string[];
	readonly result: Core | 'void';
}

/** How a function of the outside is called with arguments that are expressions. */
function callOf(
	raw: string,
	params: readonly Field[],
	args: readonly string[],
	result: Type | undefined,
	values: Values,
	file: File,
): Call {
	const parts = params.map(({type}, i) => ({type, value: args[i] as string}));
	const {before, words, cores} = argumentsOf(parts, values, file);
	const after = params.some(({type}) => allocates(type)) ? [`${file.uses('cabi_free')}();`] : [];
	const [core, ...more] = result === undefined ? [] : layout(result).flat;
	if (result === undefined || more.length === 0)
		return {before, call: `${raw}(${words.join(', ')})`, after, params: cores, result: core ?? 'void'};
	const {base} = values.area(result, file);
	return {before, call: `${raw}(${[...words, base].join(', ')})`, after, params: [...cores, 'usize'], result: 'void'};
}

/** Arguments as core values: flat, or in one block of memory. */
function argumentsOf(
	parts: readonly {type: Type; value: string}[],
	values: Values,
	file: File,
): {before: string[]; words: string[]; cores: string[]} {
	const {flat, size, offsets} = sequence(parts.map(({type}) => type));
	if (flat.length <= flatParameters) return {...flattenAll(parts, 0, values, file), cores: [...flat]};
	const base = file.uses('cabi_args');
	values.files.runtime.args = Math.max(values.files.runtime.args, size);
	const before = parts.flatMap(({type, value}, i) => values.lower(type, value, {base, offset: offsets[i] as number, form: 'memory'}, file));
	return {before, words: [base], cores: ['usize']};
}

/** The statements of a function that calls the outside and gives what it answers. What that wrote is read before anything else is called. */
function body({before, call, after, result: core}: Call, result: Type | undefined, values: Values, file: File): string[] {
	if (result === undefined) return [...before, `${call};`, ...after];
	if (core === 'void') return [...before, `${call};`, ...after, `return ${values.lift(result, values.area(result, file), file)};`];
	const lifted = unflatten(result, [after.length === 0 ? call : 'cabi_value'], 0, values, file);
	const kept = after.length === 0 ? [] : [`const cabi_value = ${call};`, ...after];
	return [...before, ...kept, ...lifted.before, `return ${lifted.value};`];
}

const declareCore = (module: string, name: string, raw: string, params: readonly string[], result: string): string =>
	`@external('${module}', '${name}')\ndeclare function ${raw}(${params.map((core, i) => `p${i}: ${core}`).join(', ')}): ${result};`;

interface Importing {
	readonly scope: Scope;
	readonly values: Values;
	readonly file: File;
}

const signature = (params: readonly Field[], names: readonly string[], {values, file}: Importing): string =>
	params.map(({type}, i) => `${names[i]}: ${values.files.type(type, file)}`).join(', ');

function importFunction(func: Func, name: string, on: Importing): string {
	const {scope, values, file} = on;
	const raw = `call_${name}`;
	const names = parameterNames(func.params.map(({label}) => label));
	const call = callOf(raw, func.params, names, func.result, values, file);
	file.plumbing.unshift(declareCore(scope.id, func.name, raw, call.params, call.result));
	return [
		...comment(func.docs),
		`export function ${name}(${signature(func.params, names, on)}): ${func.result === undefined ? 'void' : values.files.type(func.result, file)} {`,
		...body(call, func.result, values, file).map(line => `	${line}`),
		'}',
	].join('\n');
}

function constructorOf(func: Func, label: string, type: string, on: Importing): string[] {
	const {scope, values, file} = on;
	const raw = `new_${type}`;
	const names = parameterNames(func.params.map(field => field.label));
	const call = callOf(raw, func.params, names, func.result, values, file);
	file.plumbing.unshift(declareCore(scope.id, `[constructor]${label}`, raw, call.params, call.result));
	const before = call.before.length + call.after.length;
	const head = [...comment(func.docs, '	'), `	constructor(${signature(func.params, names, on)}) {`];
	if (before === 0) return [...head, `		super(${call.call});`, '	}'];
	return [
		...head,
		'		super(0);',
		...call.before.map(line => `		${line}`),
		`		this.cabi_handle = ${call.call};`,
		...call.after.map(line => `		${line}`),
		'	}',
	];
}

function methodOf({func, role, name}: {func: Func; role: string; name: string}, type: string, on: Importing): string[] {
	const {scope, values, file} = on;
	const raw = `${type}_${name}`;
	const params = role === 'method' ? func.params.slice(1) : func.params;
	const names = parameterNames(params.map(({label}) => label));
	const all = role === 'method' ? ['this', ...names] : names;
	const call = callOf(raw, func.params, all, func.result, values, file);
	file.plumbing.unshift(declareCore(scope.id, func.name, raw, call.params, call.result));
	return [
		...comment(func.docs, '	'),
		`	${role === 'method' ? '' : 'static '}${name}(${signature(params, names, on)}): ${func.result === undefined ? 'void' : values.files.type(func.result, file)} {`,
		...body(call, func.result, values, file).map(line => `		${line}`),
		'	}',
	];
}

function resourceClass(label: string, docs: string, on: Importing): string {
	const {scope, file} = on;
	const type = file.types.get(label) as string;
	const members = methodsOf(scope, label, 'drop', 'new').map(member => {
		const {func, role} = member;
		if (role !== 'constructor') return methodOf(member, type, on);
		if (func.result?.kind === 'own') return constructorOf(func, label, type, on);
		return methodOf({func, role: 'static', name: 'create'}, type, on);
	});
	file.plumbing.unshift(declareCore(scope.id, `[resource-drop]${label}`, `drop_${type}`, ['i32'], 'void'));
	const drop = [
		'	/** Gives the handle back. It must not be used after that. */',
		'	drop(): void {',
		`		drop_${type}(${file.uses('cabi_take')}(this));`,
		'	}',
	];
	return [
		...comment(docs),
		`export class ${type} extends ${file.uses('Resource')} {`,
		...[...members, drop].flatMap((lines, i) => (i === 0 ? lines : ['', ...lines])),
		'}',
	].join('\n');
}

/** Writes what a scope offers to the author: its resources as classes, its functions. */
export function importScope(scope: Scope, values: Values): void {
	const file = values.files.of(scope);
	const on: Importing = {scope, values, file};
	for (const {label, type, docs} of scope.declarations) {
		if (isOwn(type, scope, label)) file.body.push(resourceClass(label, docs, on));
	}
	for (const func of scope.functions) {
		const name = file.functions.get(func.name);
		if (name !== undefined && functionName(func.name).role === 'function') file.body.push(importFunction(func, name, on));
	}
}
