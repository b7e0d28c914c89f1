import type {AnyPlugin} from '@forgeone/core';
import {errorTable} from '@forgeone/wasm';
import {store} from '../contracts.ts';
import {definePlugin} from '../define.ts';

const errors = errorTable({
	FORGE_STORE_KEY: ['invalid', 'a key has {bytes} bytes', 'use a key of 1 to 1,024 bytes'],
	FORGE_STORE_VALUE: ['limit', 'a value has {bytes} bytes', 'keep values of 1 MiB at most'],
});

const most = {key: 1_024, value: 1_048_576} as const;

function checked(key: string): string {
	const bytes = Buffer.byteLength(key);
	if (bytes === 0 || bytes > most.key) throw errors.FORGE_STORE_KEY({bytes});
	return key;
}

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A store in memory that keeps all that the contract promises but what is to outlive it: for plugins under test which need one that works. */
export const memoryStore: AnyPlugin = definePlugin({
	name: 'memory-store',
	provides: {store},
	setup() {
		const all = new Map<string, Map<string, Uint8Array>>();
		return {
			store({subject}) {
				const own = all.get(subject) ?? new Map<string, Uint8Array>();
				all.set(subject, own);
				return {
					get: key => own.get(checked(key))?.slice(),
					set(key, value) {
						if (value.length > most.value) throw errors.FORGE_STORE_VALUE({bytes: value.length});
						own.set(checked(key), Uint8Array.from(value));
					},
					remove: key => own.delete(checked(key)),
					keys: (prefix, start, limit) =>
						[...own.keys()]
							.filter(key => key.startsWith(prefix) && inBytes(key, start) >= 0)
							.sort(inBytes)
							.slice(0, limit),
				};
			},
		};
	},
});
