import {isAbsolute} from 'node:path';
import type {RuntimeTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';

type Spec = RuntimeTypes.Spec;

/** The most that arguments and environment may have together, in bytes; and the bounds of a guest's memory. */
const WORDS = 1024 * 1024;
const PAGE = 64n * 1024n;
const MEMORY = 4n * 1024n * 1024n * 1024n;

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

function* faults(spec: Spec): Generator<readonly [field: string, reason: string]> {
	const {name, image, limits, environment, config, mounts} = spec;
	if (name !== undefined && !NAME.test(name)) yield [`name "${name}"`, 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'];
	if (!isAbsolute(image)) yield [`image "${image}"`, 'must be an absolute path'];
	if (limits.memory < PAGE || limits.memory > MEMORY) yield ['memory', 'must be between 64 KiB and 4 GiB'];
	if (limits.timeout !== undefined && limits.timeout < 1n) yield ['timeout', 'must be at least a millisecond'];
	const words = [...spec.arguments, ...environment.flat(), ...config.flat()];
	if (words.some(word => word.includes('\0'))) yield ['arguments, environment and config', 'must not hold a zero byte'];
	if (words.reduce((sum, word) => sum + Buffer.byteLength(word), 0) > WORDS)
		yield ['arguments, environment and config', 'are more than 1 MiB'];
	const bad = environment.find(([key]) => key === '' || key.includes('='));
	if (bad) yield [`environment "${bad[0]}"`, 'is no name for a variable'];
	const relative = mounts.find(({target}) => !target.startsWith('/'));
	if (relative) yield [`mount target "${relative.target}"`, 'must begin with /'];
}

/** Checks what types cannot. Throws FORGE_SPEC_INVALID for the first fault. */
export function checkSpec(spec: Spec): void {
	const [first] = faults(spec);
	if (first) throw errors.FORGE_SPEC_INVALID({field: first[0], reason: first[1]});
}
