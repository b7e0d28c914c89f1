export async function metering(): Promise<void> {}
