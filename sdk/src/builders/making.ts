import type {Project} from './project.ts';

/** One build that is under way. */
export interface Making {
	readonly project: Project;
	/** Ends it early. */
	readonly signal: AbortSignal | undefined;
	/** Says what is done from now on. */
	step(what: string): void;
}
