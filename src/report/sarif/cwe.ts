/** Names of the weaknesses that the checks refer to, as MITRE words them. */
export const CWE_VERSION = '4.18';

export const CWE: Readonly<Record<number, string>> = {
  20: 'Improper Input Validation',
  248: 'Uncaught Exception',
  252: 'Unchecked Return Value',
  285: 'Improper Authorization',
  288: 'Authentication Bypass Using an Alternate Path or Channel',
  306: 'Missing Authentication for Critical Function',
  439: 'Behavioral Change in New Version or Environment',
  650: 'Trusting HTTP Permission Methods on the Server Side',
  696: 'Incorrect Behavior Order',
  754: 'Improper Check for Unusual or Exceptional Conditions',
  755: 'Improper Handling of Exceptional Conditions',
  862: 'Missing Authorization',
  863: 'Incorrect Authorization',
  1041: 'Use of Redundant Code',
  1068: 'Inconsistency Between Implementation and Documented Design',
  1125: 'Excessive Attack Surface',
};
