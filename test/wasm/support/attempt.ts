import {ForgeError, load} from '@forgeone/wasm';

/** Has every property, each a function that gives such an object, which will do as an empty list too: a host of whatever interface. */
const any: object = new Proxy((): object => any, {
	getOwnPropertyDescriptor: () => ({configurable: true, value: any, writable: true}),
	get: (_, key) => (key === 'length' ? 0 : typeof key === 'string' ? any : undefined),
});

/** Loads and instantiates what may be nonsense, with a meter so that it cannot loop for ever: it works, or is refused by the code given. */
export async function attempt(bytes: Uint8Array): Promise<string> {
	try {
		const component = await load(bytes, {metered: true});
		await component.instantiate(Object.fromEntries(component.imports.map(({name}) => [name, any])), {
			memoryBytes: 2 ** 24,
			fuel: 10_000_000,
		});
		return 'works';
	} catch (error) {
		if (error instanceof ForgeError) return error.code;
		throw error;
	}
}
