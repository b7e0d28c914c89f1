import type {CanonDef, CanonOptions, ComponentNode, Def, Named} from './ast.ts';
import {readModule} from './core-module.ts';
import {readCoreType} from './core-types.ts';
import type {Reader} from './reader.ts';
import {caps, type Gathered, Scope} from './scope.ts';
import {declared, exported, externDef, sortIndex} from './sorts.ts';
import {defining, inner, readAlias, readType} from './types.ts';

const absent: Readonly<Record<number, string>> = {
	5: 'task.cancel',
	6: 'subtask.cancel',
	9: 'task.return',
	10: 'context.get',
	11: 'context.set',
	12: 'thread.yield',
	13: 'subtask.drop',
	14: 'stream.new',
	15: 'stream.read',
	16: 'stream.write',
	17: 'stream.cancel-read',
	18: 'stream.cancel-write',
	19: 'stream.drop-readable',
	20: 'stream.drop-writable',
	21: 'future.new',
	22: 'future.read',
	23: 'future.write',
	24: 'future.cancel-read',
	25: 'future.cancel-write',
	26: 'future.drop-readable',
	27: 'future.drop-writable',
	28: 'error-context.new',
	29: 'error-context.debug-message',
	30: 'error-context.drop',
	31: 'waitable-set.new',
	32: 'waitable-set.wait',
	33: 'waitable-set.poll',
	34: 'waitable-set.drop',
	35: 'waitable.join',
	36: 'backpressure.inc',
	37: 'backpressure.dec',
	38: 'thread.index',
	39: 'thread.new-indirect',
	40: 'thread.resume-later',
	41: 'thread.suspend',
	42: 'thread.suspend-then-resume',
	43: 'thread.yield-then-resume',
	44: 'thread.suspend-then-promote',
	45: 'thread.yield-then-promote',
	64: 'thread.spawn-ref',
	65: 'thread.spawn-indirect',
	66: 'thread.available-parallelism',
};

const encodings = ['utf8', 'utf16', 'latin1+utf16'] as const;

function canonOptions(from: Reader, scope: Scope): CanonOptions {
	let encoding: CanonOptions['encoding'] | undefined;
	let memory: number | undefined;
	let realloc: number | undefined;
	let postReturn: number | undefined;
	from.vec('options', () => {
		const code = from.u8('an option');
		const given = encodings[code];
		if (given !== undefined && encoding === undefined) encoding = given;
		else if (code === 3 && memory === undefined) memory = scope.index(from, 'core memory');
		else if (code === 4 && realloc === undefined) realloc = scope.index(from, 'core func');
		else if (code === 5 && postReturn === undefined) postReturn = scope.index(from, 'core func');
		else if (code === 6 || code === 7) from.unsupported('the async ABI');
		else if (code === 8 || code === 9) from.unsupported('the garbage-collected ABI');
		else from.fail('an option not given before', `0x${code.toString(16)}`, from.pos - 1);
	});
	if (realloc !== undefined && memory === undefined) from.fail('a memory with the realloc', 'none');
	return {encoding: encoding ?? 'utf8', memory, realloc, postReturn};
}

function canon(from: Reader, scope: Scope): CanonDef {
	const code = from.u8('a canonical function');
	if (code === 0) {
		from.expect(0, 'a function to lift');
		const func = scope.index(from, 'core func');
		const options = canonOptions(from, scope);
		return {op: 'lift', func, options, type: scope.index(from, 'type')};
	}
	if (code === 1) {
		from.expect(0, 'a function to lower');
		const func = scope.index(from, 'func');
		const options = canonOptions(from, scope);
		if (options.postReturn !== undefined) from.fail('no post-return in a lowering', 'one');
		return {op: 'lower', func, options};
	}
	const op = ({2: 'resource.new', 3: 'resource.drop', 4: 'resource.rep'} as const)[code];
	if (op !== undefined) return {op, resource: scope.index(from, 'type')};
	return from.unsupported(absent[code] ?? from.fail('a canonical function', `0x${code.toString(16)}`, from.pos - 1));
}

function differing(from: Reader, names: readonly (readonly [string, ...unknown[]])[]): void {
	const seen = new Set<string>();
	for (const [name] of names) {
		if (seen.has(name)) from.fail('names that differ', `"${name}" twice`);
		seen.add(name);
	}
}

function coreInstance(from: Reader, scope: Scope): Def {
	if (from.pick({0: true, 1: false}, 'a core instance')) {
		const module = scope.index(from, 'core module');
		const args = from.vec('arguments', () => {
			const name = from.name();
			from.expect(0x12, 'an instance');
			return [name, scope.index(from, 'core instance')] as const;
		});
		differing(from, args);
		return {op: 'core instantiate', module, args};
	}
	const exports = from.vec('exports', (): Named => {
		const name = from.name();
		const [sort, index] = coreIndex(from, scope);
		return [name, sort, index];
	});
	differing(from, exports);
	return {op: 'core bundle', exports};
}

function coreIndex(from: Reader, scope: Scope) {
	const sorts = {0: 'core func', 1: 'core table', 2: 'core memory', 3: 'core global', 4: 'core tag'} as const;
	const sort = from.pick(sorts, 'a core sort');
	return [sort, scope.index(from, sort)] as const;
}

function instance(from: Reader, scope: Scope): Def {
	const instantiates = from.pick({0: true, 1: false}, 'an instance');
	if (!instantiates) {
		const exports = from.vec('exports', () => exported(from, scope));
		differing(from, exports);
		return {op: 'bundle', exports};
	}
	const component = scope.index(from, 'component');
	const args = from.vec('arguments', (): Named => [from.name(), ...sortIndex(from, scope)]);
	differing(from, args);
	return {op: 'instantiate', component, args};
}

function exporting(from: Reader, scope: Scope): Def {
	const [name, sort, index] = exported(from, scope);
	const type = from.pick({0: false, 1: true}, '0 or 1') ? externDef(from, scope) : undefined;
	return {op: 'export', name, sort, index, type};
}

function importing(from: Reader, scope: Scope): Def {
	const [name, type] = declared(from, scope);
	return {op: 'import', name, type};
}

type Entry = (from: Reader, scope: Scope, all: Gathered) => Def;

/** What a section that is a vector holds, by its id. */
const sections: Readonly<Record<number, Entry>> = {
	2: coreInstance,
	3: (from, scope) => ({op: 'core type', type: readCoreType(from, scope)}),
	5: instance,
	6: readAlias,
	7: (from, scope, all) => ({op: 'type', type: readType(from, scope, all)}),
	8: canon,
	10: importing,
	11: exporting,
};

const module: Entry = (from, _, all) => {
	if (all.modules.length >= caps.modules) from.fail(`at most ${caps.modules} modules`, 'more');
	return {op: 'core module', module: all.modules.push(readModule(from, all)) - 1};
};

const component: Entry = (from, scope, all) => ({
	op: 'component',
	component: readComponent(from, all, inner(from, scope, all, 'component')),
});

function section(id: number, body: Reader, scope: Scope, all: Gathered, defs: Def[]): void {
	const define = defining(body, scope, all);
	if (id === 1 || id === 4) {
		defs.push(define(id === 1 ? module : component));
		return;
	}
	if (id === 9 || id === 12) body.unsupported('values');
	const read = sections[id];
	if (read === undefined) body.fail('a section id', id);
	const count = body.count('definitions');
	for (let i = 0; i < count; i++) defs.push(define(read));
}

const preamble = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** Reads a component, its preamble included, to the reader's end. */
export function readComponent(from: Reader, all: Gathered, scope = new Scope(all, undefined)): ComponentNode {
	for (const byte of preamble) from.expect(byte, 'a component (\\0asm, version 13, layer 1)');
	const defs: Def[] = [];
	all.scopes.set(defs, scope);
	while (!from.done) {
		const id = from.u8('a section');
		const body = from.sub(from.u32('the size of a section'));
		if (id === 0) body.name('the name of a custom section');
		else {
			section(id, body, scope, all, defs);
			if (!body.done) body.fail('the end of the section', `${body.end - body.pos} more bytes`);
		}
	}
	return {defs};
}
