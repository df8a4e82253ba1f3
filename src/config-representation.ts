// The settings of representation: the ages at which its rules change.
import { z } from 'zod';

const age = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,2}$/, `must be an age in years, ${least} to ${most}`)
    .transform(Number)
    .refine((years) => years >= least && years <= most, `must be an age in years, ${least} to ${most}`);

export const ageSettings = {
  POSTERN_TEEN_AGE: age(10, 18).default(13),
  POSTERN_MAJORITY_AGE: age(16, 21).default(18),
};

export interface AgeConfig {
  /** From here on what is confidential is hidden from those who act for a patient. */
  readonly teenAge: number;
  /** From here on nobody acts for her because she is under age. */
  readonly majorityAge: number;
}

export const ageConfig = (values: z.output<z.ZodObject<typeof ageSettings>>): AgeConfig => ({
  teenAge: values.POSTERN_TEEN_AGE,
  majorityAge: values.POSTERN_MAJORITY_AGE,
});
