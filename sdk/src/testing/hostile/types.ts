import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import type {Contract} from '@forgeone/core';
import {camelCase, compatibleName, type FuncType, functionName, type Members, signature} from '@forgeone/wasm';
import {encodeWorld} from '../../bindgen/encode.ts';
import {readWit} from '../../bindgen/source.ts';
import {errors} from '../../errors.ts';
import type {Subject} from '../kernel.ts';

/** The types of all of ForgeOne's own contracts. */
const own = new URL('../dist/contracts.wasm', import.meta.resolve('@forgeone/wasm'));

/** The types of the functions of a contract, by their names in JavaScript. */
export type FunctionTypes = ReadonlyMap<string, FuncType>;

const pathOf = (subject: Subject): string => {
	const source = typeof subject === 'object' && 'use' in subject ? subject.use : subject;
	return source instanceof URL ? fileURLToPath(source) : typeof source === 'string' ? source : '';
};

async function* sources({id}: Contract, subject: Subject, wit: string | undefined): AsyncGenerator<Members> {
	const path = pathOf(subject);
	if (path.endsWith('.wasm')) yield (await signature(await readFile(path))).exports;
	if (wit !== undefined) {
		const read = await readWit(wit);
		const asking = {...read, text: `${read.text}package forgeone:asked { world types { import ${id}; } }\n`};
		yield (await signature(await encodeWorld(asking, 'forgeone:asked/types'))).imports;
	}
	yield (await signature(await readFile(own))).imports;
}

/** The types of a contract as a component has them, as the WIT has them, or as ForgeOne's own has them. Throws FORGE_TEST_TYPES. */
export async function functionTypes(contract: Contract, subject: Subject, wit: string | undefined): Promise<FunctionTypes> {
	for await (const members of sources(contract, subject, wit)) {
		const [, found] = [...members].find(([name]) => compatibleName(name) === contract.key) ?? [];
		if (found?.kind !== 'instance') continue;
		const plain = [...found.members].filter(([name]) => functionName(name).role === 'function');
		return new Map(plain.flatMap(([name, of]) => (of.kind === 'function' ? [[camelCase(name), of.type] as const] : [])));
	}
	throw errors.FORGE_TEST_TYPES({contract: contract.id});
}
