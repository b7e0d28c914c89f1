import {reasonOf} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** What was started and must be ended: whoever starts something defers its end on the next line. */
export interface Scope {
	/** Runs `end` when the scope closes; at once if it has closed already. */
	defer(end: () => unknown): void;
	/** A scope that closes with this one, or before. */
	child(name: string): Scope;
	/** Ends everything, last in, first out, each exactly once. Throws FORGE_STOP_FAILED with every error, after the last end. */
	close(): Promise<void>;
}

/** Makes a scope of its own. */
export function createScope(name: string): Scope {
	const ends = new Set<() => unknown>();
	let closing: Promise<void> | undefined;

	async function closeAll(): Promise<void> {
		const failures: unknown[] = [];
		for (let end = [...ends].at(-1); end; end = [...ends].at(-1)) {
			ends.delete(end);
			await Promise.try(end).catch(error => failures.push(error));
		}
		const cause = new AggregateError(failures);
		if (failures.length > 0) throw errors.FORGE_STOP_FAILED({scope: name, count: failures.length, reason: reasonOf(failures[0])}, {cause});
	}

	return {
		defer(end) {
			ends.add(() => end());
			if (closing) closing = closing.finally(closeAll);
		},
		child(childName) {
			const child = createScope(`${name}/${childName}`);
			ends.add(child.close);
			child.defer(() => ends.delete(child.close));
			return child;
		},
		close: () => (closing ??= closeAll()),
	};
}
