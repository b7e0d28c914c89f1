import type {FuncDef, TypeDef, ValueRef} from './decode/ast.ts';
import {type FuncType, type Interned, type ResourceType, types, type ValueType} from './types.ts';

/** What the index of a type stands for, where a value's or a resource's is expected. */
export interface Lookup {
	value(index: number): ValueType;
	resource(index: number): ResourceType;
}

const refer = (at: Lookup, ref: ValueRef): ValueType => (typeof ref === 'string' ? types.primitive(ref) : at.value(ref));

/** Resolves a function's type. */
export function resolveFunc(at: Lookup, all: Interned, {params, result, async}: FuncDef): FuncType {
	const resolved = params.map(([label, type]) => [label, refer(at, type)] as const);
	return types.func(all, resolved, result === undefined ? undefined : refer(at, result), async);
}

/** The definition of a value type. */
type ValueDef = Exclude<TypeDef, {readonly kind: 'func' | 'resource' | 'instance' | 'component'}>;

/** Resolves a definition of a value type. */
export function resolveValue(at: Lookup, all: Interned, def: ValueDef): ValueType {
	const of = (ref: ValueRef): ValueType => refer(at, ref);
	const maybe = (ref: ValueRef | undefined): ValueType | undefined => (ref === undefined ? undefined : of(ref));
	switch (def.kind) {
		case 'primitive':
			return types.primitive(def.type);
		case 'record':
			return types.record(
				all,
				def.fields.map(([label, type]) => [label, of(type)] as const),
			);
		case 'variant':
			return types.variant(
				all,
				def.cases.map(([label, type]) => [label, maybe(type)] as const),
			);
		case 'list':
			return types.list(all, of(def.element), def.length);
		case 'tuple':
			return types.tuple(all, def.items.map(of));
		case 'flags':
			return types.flags(all, def.labels);
		case 'enum':
			return types.enum(all, def.labels);
		case 'option':
			return types.option(all, of(def.some));
		case 'result':
			return types.result(all, maybe(def.ok), maybe(def.err));
		case 'own':
		case 'borrow':
			return types.handle(def.kind, at.resource(def.resource));
		case 'stream':
		case 'future':
			return types.carrying(all, def.kind, maybe(def.element));
		case 'map':
			return types.map(all, of(def.key), of(def.value));
	}
}
