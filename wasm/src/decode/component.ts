import type {ComponentNode, Def, Named} from './ast.ts';
import {readCanon} from './canon.ts';
import {readModule} from './core-module.ts';
import {readCoreType} from './core-types.ts';
import type {Reader} from './reader.ts';
import {caps, type Gathered, Scope} from './scope.ts';
import {declared, exported, externDef, sortIndex} from './sorts.ts';
import {defining, inner, readAlias, readType} from './types.ts';

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
	8: readCanon,
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
