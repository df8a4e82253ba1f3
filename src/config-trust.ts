// The settings of identity assurance: who proves identities, and where how much is asked for.
import { z } from 'zod';

type Level = 'IAL1' | 'IAL2';

export interface TrustConfig {
  /** The file that describes the identity providers. */
  readonly providersFile: string | undefined;
  /** The identity assurance levels that people must have reached: by PurposeOfUse, and by client id. */
  readonly required: {
    readonly purposes: Readonly<Record<string, Level>>;
    readonly apps: Readonly<Record<string, Level>>;
  };
}

const RULE = /^(purpose:[A-Z]{3,16}|app:[A-Za-z0-9._~-]{1,200})=(IAL[12])$/;

const rules = z
  .string()
  .refine(
    (value) => listed(value).every((rule) => RULE.test(rule)),
    'must be rules: purpose:TREAT=IAL2,app:my-app=IAL1',
  )
  .transform((value) => {
    const levels = { purposes: {}, apps: {} } as {
      [Kind in keyof TrustConfig['required']]: Record<string, Level>;
    };
    for (const rule of listed(value)) {
      const [, subject = '', level] = RULE.exec(rule) ?? [];
      const [kind, name = ''] = [
        subject.startsWith('app:') ? 'apps' : 'purposes',
        subject.split(':')[1],
      ] as const;
      levels[kind][name] = level as Level;
    }
    return levels;
  });

export const trustSettings = {
  POSTERN_IDENTITY_PROVIDERS_FILE: z.string().min(1, 'must be a file').optional(),
  POSTERN_REQUIRED_IAL: rules.optional(),
};

export const trustConfig = (values: z.output<z.ZodObject<typeof trustSettings>>): TrustConfig => ({
  providersFile: values.POSTERN_IDENTITY_PROVIDERS_FILE,
  required: values.POSTERN_REQUIRED_IAL ?? { purposes: {}, apps: {} },
});

function listed(value: string): string[] {
  return value.split(',').map((one) => one.trim());
}
