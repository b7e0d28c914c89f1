import {randomBytes, randomInt} from 'node:crypto';

const manners = [
	'bold',
	'calm',
	'deft',
	'eager',
	'fair',
	'glad',
	'hardy',
	'keen',
	'lucid',
	'merry',
	'noble',
	'proud',
	'quick',
	'sharp',
	'swift',
	'warm',
];
const makers = [
	'ada',
	'alan',
	'barbara',
	'dennis',
	'edsger',
	'frances',
	'grace',
	'hedy',
	'jean',
	'john',
	'ken',
	'lynn',
	'niklaus',
	'radia',
	'robin',
	'tony',
];

const one = (words: readonly string[]): string => words[randomInt(words.length)] ?? '';

/** A name for a container that was given none; `attempt` counts how many of them were taken. */
export function nameOf(attempt: number): string {
	const name = `${one(manners)}-${one(makers)}`;
	return attempt === 0 ? name : `${name}-${randomInt(10 ** (attempt + 1))}`;
}

/** Twelve hexadecimal digits. */
export const newId = (): string => randomBytes(6).toString('hex');
