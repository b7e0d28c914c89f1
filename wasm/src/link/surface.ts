import type {Resource} from '../abi/handles.ts';
import type {Store} from '../abi/store.ts';
import {camelCase, functionName, pascalCase} from '../names.ts';
import {promised} from './host-calls.ts';
import type {FunctionValue, InstanceValue, TypeValue} from './values.ts';

// Any function or class that the surface shows.
type Callable = (...args: unknown[]) => unknown;

/** The function as a caller in JavaScript sees it. */
function shown(value: FunctionValue, store: Store): Callable {
	if (value.from === 'guest') return value.for(undefined);
	if (value.from === 'task') return promised(store, value);
	const {calling, target, self} = value;
	// The host's own function, passed through the component untouched.
	if (calling === 'new') return (...args) => Reflect.construct(target as Callable, args);
	if (calling === 'method') return (of, ...args) => (of as Record<string, Callable>)[target as string]?.(...args);
	return (target as Callable).bind(self);
}

/** The class of a guest's resource: without `new` by the component, it only holds statics and methods. */
function resourceClass(resource: Resource, name: string): Callable | undefined {
	if (resource.owner === undefined) return undefined;
	const {handle} = resource;
	const known = Object.getOwnPropertyDescriptor(handle, 'shown')?.value as Callable | undefined;
	if (known !== undefined) return known;
	const made = function construct(...args: unknown[]): unknown {
		const create = constructors.get(made);
		if (new.target === undefined || create === undefined) throw new TypeError(`${name} has no constructor`);
		return create(...args);
	} as Callable;
	Object.defineProperty(made, 'name', {value: name});
	made.prototype = handle.prototype;
	Object.defineProperty(handle, 'shown', {value: made});
	return made;
}

const constructors = new WeakMap<Callable, Callable>();

/** Puts one function where JavaScript expects it: on the object, or on the class of its resource. */
function place(on: object, name: string, call: Callable): void {
	const {role, resource, label} = functionName(name);
	const type = Object.getOwnPropertyDescriptor(on, pascalCase(resource))?.value as Callable | undefined;
	if (role === 'function') define(on, camelCase(label), call);
	else if (type === undefined) return;
	else if (role === 'constructor') constructors.set(type, call);
	else if (role === 'static') define(type, camelCase(label), call);
	else {
		define(type.prototype, camelCase(label), function method(this: unknown, ...args: unknown[]) {
			return call(this, ...args);
		});
	}
}

function define(on: object, key: string, value: unknown): void {
	Object.defineProperty(on, key, {value, enumerable: true, configurable: true, writable: true});
}

/** What an instance exports, as an object without a prototype. */
export function surface(exports: InstanceValue, store: Store): Record<string, unknown> {
	const shownExports: Record<string, unknown> = Object.create(null);
	for (const [name, {sort, value}] of exports) {
		if (sort === 'type') {
			const type = value as TypeValue;
			const made = type.kind === 'resource' ? resourceClass(type.resource, pascalCase(name)) : undefined;
			if (made !== undefined) define(shownExports, pascalCase(name), made);
		} else if (sort === 'instance') {
			define(shownExports, /[:@/]/.test(name) ? name : camelCase(name), surface(value as InstanceValue, store));
		}
	}
	for (const [name, item] of exports) {
		if (item.sort === 'func') place(shownExports, name, shown(item.value as FunctionValue, store));
	}
	return quick(Object.freeze(shownExports));
}

/** The same object in the form in which V8 reads properties fastest: objects without a prototype begin as hash tables, prototypes never are. */
function quick<T extends object>(of: T): T {
	function Inherits(): void {}
	Inherits.prototype = of;
	Reflect.construct(Inherits, []);
	return of;
}
