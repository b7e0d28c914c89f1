import type {HostResource} from '../abi/handles.ts';
import {marks} from '../marks.ts';
import {camelCase, functionName, pascalCase} from '../names.ts';
import type {HostFunction} from './values.ts';

/** What a host gives a component: an object of functions and resource classes per interface, a function where the world imports one. */
export type Imports = Readonly<Record<string, unknown>>;

/** A property of the host's, its own or of its class; never what every object or function has. */
export function property(of: unknown, key: string): unknown {
	if ((typeof of !== 'object' && typeof of !== 'function') || of === null) return undefined;
	for (let at: object | null = of; at !== null && at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
		if (Object.hasOwn(at, key)) return Reflect.get(at, key, of);
	}
	return undefined;
}

/** Finds the host's implementation of a function within an interface, or within the imports themselves; undefined where there is none. */
export function hostFunction(host: unknown, name: string): Omit<HostFunction, 'type'> | undefined {
	const {role, resource, label} = functionName(name);
	const key = camelCase(label);
	if (role === 'function') return plain(host, property(host, key) ?? property(host, name));
	const type = property(host, pascalCase(resource));
	if (typeof type !== 'function') return undefined;
	if (role === 'constructor') return {from: 'host', calling: 'new', target: type, self: undefined, ...marks(type)};
	if (role === 'static') return plain(type, property(type, key));
	const method = property(type.prototype, key);
	if (typeof method !== 'function') return undefined;
	return {from: 'host', calling: 'method', target: key, self: undefined, ...marks(method)};
}

function plain(self: unknown, target: unknown): Omit<HostFunction, 'type'> | undefined {
	if (typeof target !== 'function') return undefined;
	return {from: 'host', calling: 'plain', target, self, ...marks(target)};
}

/** A resource that the host implements. */
export const hostResource = (name: string, id: number): HostResource => ({
	name,
	id,
	owner: undefined,
	drop(rep) {
		// The host's object may be of any class.
		const dispose = (rep as Partial<Disposable>)[Symbol.dispose];
		if (typeof dispose === 'function') dispose.call(rep);
	},
});
