"""One file for each verb that the user types: arguments in, a result out."""
