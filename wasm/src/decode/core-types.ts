import type {Reader} from './reader.ts';
import type {Scope} from './scope.ts';
import {coreSort} from './sorts.ts';

/** Passes over a heap type or a value type. */
function valueType(from: Reader): void {
	const code = from.u8('a core value type');
	if (code === 0x63 || code === 0x64) heapType(from);
}

function heapType(from: Reader): void {
	while (from.u8('a heap type') >= 0x80);
}

function limits(from: Reader): void {
	const flags = from.u8('limits');
	from.u64('a minimum');
	if (flags & 1) from.u64('a maximum');
	if (flags & 8) from.u32('a page size');
}

function storageType(from: Reader): void {
	if (from.peek() === 0x77 || from.peek() === 0x78) from.pos++;
	else valueType(from);
	from.u8('mutability');
}

function compositeType(from: Reader): void {
	const code = from.u8('a core type');
	if (code === 0x60) {
		from.vec('parameters', () => valueType(from));
		from.vec('results', () => valueType(from));
	} else if (code === 0x5f) {
		from.vec('fields', () => storageType(from));
	} else if (code === 0x5e) {
		storageType(from);
	} else {
		from.fail('a core type', `0x${code.toString(16)}`, from.pos - 1);
	}
}

function subType(from: Reader, composite = compositeType): void {
	if (from.peek() === 0x50 || from.peek() === 0x4f) {
		from.pos++;
		from.vec('supertypes', () => from.u32());
	}
	composite(from);
}

function functionType(from: Reader): void {
	if (from.peek() === 0x5f || from.peek() === 0x5e) from.unsupported('garbage collection');
	compositeType(from);
}

/** Passes over an entry of a core module's types, of which those of objects are refused: these live where no limit on memory holds. */
export function readModuleType(from: Reader): void {
	if (from.peek() === 0x4e) {
		from.pos++;
		from.vec('types', () => subType(from, functionType));
	} else subType(from, functionType);
}

/** Passes over the type of a core import or export. */
function coreExtern(from: Reader): void {
	const code = from.u8('a core import or export');
	if (code === 0 || code === 0x20) from.u32('a type');
	else if (code === 1) {
		valueType(from);
		limits(from);
	} else if (code === 2) limits(from);
	else if (code === 3) {
		valueType(from);
		from.u8('mutability');
	} else if (code === 4) {
		from.expect(0, 'an exception');
		from.u32('a type');
	} else from.fail('a core import or export', `0x${code.toString(16)}`, from.pos - 1);
}

function moduleDeclaration(from: Reader, scope: Scope): void {
	const code = from.u8('a declaration of a module');
	if (code === 0) {
		from.name();
		from.name();
		coreExtern(from);
	} else if (code === 1) {
		if (from.peek() === 0x50) from.fail('a type that a module can declare', 'a module type');
		readCoreType(from, scope);
	} else if (code === 2) {
		if (coreSort(from) !== 'core type') from.fail('a core type');
		from.expect(1, 'an outer alias');
		from.u32('a number of levels');
		from.u32('an index');
	} else if (code === 3) {
		from.name();
		coreExtern(from);
	} else {
		from.fail('a declaration of a module', `0x${code.toString(16)}`, from.pos - 1);
	}
}

/** Passes over a core type: V8 checks modules against each other when they are instantiated, so nothing of it is kept. */
export function readCoreType(from: Reader, scope: Scope): void {
	const code = from.peek();
	if (code === 0x50) {
		from.pos++;
		from.vec('declarations', () => moduleDeclaration(from, scope));
	} else if (code === 0x4e) {
		from.pos++;
		from.vec('types', () => subType(from));
	} else {
		if (code === 0) from.pos++;
		subType(from);
	}
}
