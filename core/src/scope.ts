import {errors} from './errors.ts';
import {reasonOf} from './failure.ts';

/** What was started and must be ended: whoever starts something defers its end on the next line. */
export interface Scope {
	readonly name: string;
	readonly closed: boolean;
	/** Runs `end` when the scope closes; at once if it has closed already. */
	defer(end: () => unknown): void;
	/** A scope that closes with this one, or before. */
	child(name: string): Scope;
	/** Ends everything, last in, first out, each exactly once. Throws FORGE_STOP_FAILED with every error, after the last end. */
	close(): Promise<void>;
}

/** Makes a scope of its own. */
export function createScope(name: string): Scope {
	const ends: (() => unknown)[] = [];
	let closing: Promise<void> | undefined;

	async function closeAll(): Promise<void> {
		const failures: unknown[] = [];
		for (let end = ends.pop(); end; end = ends.pop()) {
			try {
				await end();
			} catch (error) {
				failures.push(error);
			}
		}
		if (failures.length === 0) return;
		const cause = new AggregateError(failures);
		throw errors.FORGE_STOP_FAILED({scope: name, count: failures.length, reason: reasonOf(failures[0])}, {cause});
	}

	const scope: Scope = {
		name,
		get closed() {
			return closing !== undefined;
		},
		defer(end) {
			ends.push(end);
			if (closing) void closeAll().catch(() => undefined);
		},
		child(childName) {
			const child = createScope(`${name}/${childName}`);
			const end = () => child.close();
			ends.push(end);
			child.defer(() => {
				const index = ends.indexOf(end);
				if (index >= 0) ends.splice(index, 1);
			});
			return child;
		},
		close: () => (closing ??= closeAll()),
	};
	return scope;
}
