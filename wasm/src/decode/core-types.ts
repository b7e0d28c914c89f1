import type {CoreItem, CoreLimits, CoreSignature, CoreType, CoreValue, ModuleType} from './core-ast.ts';
import type {Reader} from './reader.ts';
import {most, type Scope} from './scope.ts';
import {coreSort} from './sorts.ts';

const values: Readonly<Record<number, CoreValue>> = {
	127: 'i',
	126: 'l',
	125: 'f',
	124: 'd',
	123: 'v',
	112: 'p',
	111: 'e',
};

/** Reads a value type. */
export function coreValue(from: Reader): CoreValue {
	const code = from.u8('a core value type');
	if (code === 0x63 || code === 0x64) while (from.u8('a heap type') >= 0x80);
	return values[code] ?? '?';
}

/** Reads the limits of a memory or table. */
export function coreLimits(from: Reader, cap: number): CoreLimits {
	const at = from.pos;
	const flags = from.u8('limits');
	const min = from.u64('a minimum');
	const max = flags & 1 ? from.u64('a maximum') : undefined;
	if (flags & 8) from.u32('a page size');
	if (!(flags & 12) && Math.max(min, max ?? 0) > cap) from.fail(`at most ${cap}`, Math.max(min, max ?? 0), at);
	return {min, max, flags: flags & 6};
}

function storageType(from: Reader): void {
	if (from.peek() === 0x77 || from.peek() === 0x78) from.pos++;
	else coreValue(from);
	from.u8('mutability');
}

function compositeType(from: Reader): CoreType {
	const code = from.u8('a core type');
	if (code === 0x60) {
		const params = from.vec('parameters', () => coreValue(from)).join('');
		return {kind: 'func', signature: `${params}>${from.vec('results', () => coreValue(from)).join('')}`};
	}
	if (code === 0x5f) from.vec('fields', () => storageType(from));
	else if (code === 0x5e) storageType(from);
	else from.fail('a core type', `0x${code.toString(16)}`, from.pos - 1);
	return {kind: 'other'};
}

function subType(from: Reader, composite = compositeType): CoreType {
	if (from.peek() === 0x50 || from.peek() === 0x4f) {
		from.pos++;
		from.vec('supertypes', () => from.u32());
	}
	return composite(from);
}

function functionType(from: Reader): CoreType {
	if (from.peek() === 0x5f || from.peek() === 0x5e) from.unsupported('garbage collection');
	return compositeType(from);
}

/** Reads an entry of a core module's types, of which those of objects are refused: these live where no limit on memory holds. */
export function readModuleType(from: Reader): CoreType[] {
	if (from.peek() !== 0x4e) return [subType(from, functionType)];
	from.pos++;
	return from.vec('types', () => subType(from, functionType));
}

/** Reads the index of a function's type. */
export function signature(from: Reader, types: readonly CoreType[]): CoreSignature {
	const type = types[from.index(types.length, 'core type')];
	return type?.kind === 'func' ? type.signature : from.fail('a function type', type?.kind);
}

/** Reads the type of a core import or export. */
export function coreExtern(from: Reader, types: readonly CoreType[]): CoreItem {
	const code = from.u8('a core import or export');
	switch (code) {
		case 0:
		case 0x20:
			return {sort: 'core func', value: signature(from, types)};
		case 1:
			return {sort: 'core table', value: {element: coreValue(from), ...coreLimits(from, most.elements)}};
		case 2:
			return {sort: 'core memory', value: coreLimits(from, most.pages)};
		case 3:
			return {sort: 'core global', value: {type: coreValue(from), mutable: from.u8('mutability') === 1}};
		case 4:
			from.expect(0, 'an exception');
			return {sort: 'core tag', value: signature(from, types)};
		default:
			return from.fail('a core import or export', `0x${code.toString(16)}`, from.pos - 1);
	}
}

/** Adds to what a module imports or exports: a name only once. */
export function addCore(from: Reader, to: Map<string, CoreItem>, name: string, item: CoreItem): void {
	if (to.has(name)) from.fail('core names that differ', `"${name}" twice`);
	to.set(name, item);
}

/** The imports of a module by the module's name that they are from. */
export function importsOf(imports: Map<string, Map<string, CoreItem>>, module: string): Map<string, CoreItem> {
	const known = imports.get(module) ?? new Map<string, CoreItem>();
	imports.set(module, known);
	return known;
}

function moduleType(from: Reader, scope: Scope): ModuleType {
	const types: CoreType[] = [];
	const imports = new Map<string, Map<string, CoreItem>>();
	const exports = new Map<string, CoreItem>();
	from.vec('declarations', () => {
		const code = from.u8('a declaration of a module');
		if (code === 0) {
			const module = importsOf(imports, from.name());
			addCore(from, module, from.name(), coreExtern(from, types));
		} else if (code === 1) {
			if (from.peek() === 0x50) from.fail('a type that a module can declare', 'a module type');
			types.push(readCoreType(from, scope));
		} else if (code === 2) {
			if (coreSort(from) !== 'core type') from.fail('a core type');
			from.expect(1, 'an outer alias');
			types.push(outerType(from, scope, types));
		} else if (code === 3) addCore(from, exports, from.name(), coreExtern(from, types));
		else from.fail('a declaration of a module', `0x${code.toString(16)}`, from.pos - 1);
	});
	return {kind: 'module', imports, exports};
}

/** The type that an alias within a module type names; level 0 is the module type itself. */
function outerType(from: Reader, scope: Scope, own: readonly CoreType[]): CoreType {
	const count = from.u32('a number of levels');
	const types = count === 0 ? own : scope.outer(from, count - 1).spaces['core type'];
	const type = types[from.index(types.length, 'core type')] as CoreType;
	return type.kind === 'module' ? from.fail('a type that a module can use', 'a module type') : type;
}

/** Reads a core type. */
export function readCoreType(from: Reader, scope: Scope): CoreType {
	const code = from.peek();
	if (code === 0x50) {
		from.pos++;
		return moduleType(from, scope);
	}
	if (code === 0x4e) {
		from.pos++;
		from.vec('types', () => subType(from));
		return {kind: 'other'};
	}
	if (code === 0) from.pos++;
	return subType(from);
}
