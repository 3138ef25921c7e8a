// Stands in for Atlassian's feature gates: every one is shut.

export const fg = (_name: string): boolean => false;
export const getBooleanFF = fg;
export const setBooleanFeatureFlagResolver = (): void => undefined;
